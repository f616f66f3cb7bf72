"""Says what the local AWS holds of a stack: `python deployed.py < question.json`, the question being

    {"endpoint": …, "region": …, "stack": …, "prefix": <what the names of its things begin with>}

Prints as JSON the stack's status (null where there is none), its outputs, why its last operation failed, the version behind each
function's alias, and the names of all things that begin with the prefix, by their kind:

    {"status": …, "outputs": {…}, "reasons": […], "aliases": {<function>: <version>}, "things": {<kind>: […]}}
"""

import json
import sys

from botocore.exceptions import ClientError

from deploy import client


def main():
    question = json.load(sys.stdin)
    cloudformation = client("cloudformation", question)
    try:
        stack = cloudformation.describe_stacks(StackName=question["stack"])["Stacks"][0]
    except ClientError:
        stack = {}
    things = things_of(question)
    answer = {
        "status": stack.get("StackStatus"),
        "outputs": {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        "reasons": last_failures(cloudformation, question["stack"]) if stack else [],
        "aliases": aliases_of(client("lambda", question), things["functions"]),
        "things": things,
    }
    print(json.dumps(answer))


def last_failures(cloudformation, stack):
    """Why the last operation failed, the root of it first: what comes of it is only said to be cancelled."""
    failures = []
    for event in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        status = event["ResourceStatus"]
        if status.endswith("FAILED"):
            failures.insert(0, f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', status)}")
        is_start = status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
        if is_start and event["ResourceType"] == "AWS::CloudFormation::Stack":
            break
    return failures


def aliases_of(functions, names):
    versions = {}
    for name in names:
        for alias in functions.list_aliases(FunctionName=name)["Aliases"]:
            versions[name] = alias["FunctionVersion"]
    return versions


def things_of(question):
    found = {
        "functions": pages("lambda", "list_functions", "Functions", "FunctionName", question),
        # The name of a queue is the end of its URL.
        "queues": [url.rsplit("/", 1)[1] for url in client("sqs", question).list_queues().get("QueueUrls", [])],
        "log groups": pages("logs", "describe_log_groups", "logGroups", "logGroupName", question),
        "schedule groups": pages("scheduler", "list_schedule_groups", "ScheduleGroups", "Name", question),
        "schedules": pages("scheduler", "list_schedules", "Schedules", "GroupName", question),
        "alarms": pages("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", question),
        "roles": pages("iam", "list_roles", "Roles", "RoleName", question),
    }
    # Log groups are named like paths.
    prefixes = (question["prefix"], f"/{question['prefix'].replace('-', '/', 1)}/")
    return {
        kind: sorted(name for name in names if any(prefix in name for prefix in prefixes)) for kind, names in found.items()
    }


def pages(service, operation, field, name, question):
    paginator = client(service, question).get_paginator(operation)
    return [thing[name] for page in paginator.paginate() for thing in page[field]]


if __name__ == "__main__":
    main()
