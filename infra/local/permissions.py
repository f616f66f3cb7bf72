"""Makes the local AWS check permissions as AWS does, where it checks others or none.

MiniStack checks what a function asks for itself. On AWS the same role also counts for what Lambda and EventBridge Scheduler do in
its name: read a queue for a function, write its log, deliver to a schedule's target. So it does here. Every refusal is a line of
JSON in a file: {"role": …, "action": …, "resource": …}.

Not checked, because MiniStack does not do it at all: X-Ray's segments, network interfaces of a VPC, and the delivery of a schedule
to its dead letter queue.
"""

import json
from contextvars import ContextVar
from email.utils import parseaddr

import ministack.core.iam_actions as iam_actions
import ministack.core.iam_evaluator as iam
import ministack.services.eventbridge as eventbridge
import ministack.services.lambda_svc as functions
import ministack.services.scheduler as scheduler
import ministack.services.sqs as sqs
from ministack.core.responses import get_account_id, get_region


def check_as_aws(refusals):
    """Installs all checks; `refusals` is the file that refusals are written to."""
    refusals.write_text("")
    tell = Refusals(refusals)
    name_actions_and_resources()
    tell_what_is_refused(tell)
    check_queues_of_functions(tell)
    check_logs_of_functions(tell)
    check_targets_of_schedules(tell)
    check_roles_that_are_passed(tell)


class Refusals:
    def __init__(self, path):
        self.path = path

    def add(self, role, action, resource):
        with open(self.path, "a") as file:
            file.write(json.dumps({"role": role, "action": action, "resource": resource}) + "\n")


def role_of(arn):
    """The name of a role, from its ARN or from that of somebody who has assumed it."""
    parts = arn.split(":", 5)[-1].split("/")
    return parts[1] if parts[0] == "assumed-role" else parts[-1]


def may(tell, role_arn, action, resource, **context):
    """Whether a role's policies allow something. What they refuse is told."""
    role, account = role_of(role_arn), get_account_id()
    asked = iam.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context=context,
    )
    if iam.evaluate(asked, iam._gather_role_policies(role, account)).decision == "Allow":
        return True
    tell.add(role, action, resource)
    return False


def name_actions_and_resources():
    """For permissions MiniStack takes every schedule for one of the default group and every mail for `*`, so that roles as
    narrow as ours would allow nothing. On AWS it is the schedule's group and the sender's identity that count; and who may
    send a message to a queue may send several."""
    action_of = iam_actions.extract_iam_action
    resource_of = iam_actions.extract_resource_arn

    def named_action(*arguments):
        action = action_of(*arguments)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    def named_resource(service, method, path, headers, body, query_params, region, account_id):
        here = f"{region}:{account_id}"
        if service == "scheduler" and path.startswith("/schedules/"):
            named_in_query = query_params.get("groupName", ["default"])
            group = json.loads(body).get("GroupName") if body else None
            return f"arn:aws:scheduler:{here}:schedule/{group or named_in_query[0]}/{path.removeprefix('/schedules/')}"
        if path == "/v2/email/outbound-emails":
            sender = parseaddr(json.loads(body)["FromEmailAddress"])[1]
            return f"arn:aws:ses:{here}:identity/{sender}"
        return resource_of(service, method, path, headers, body, query_params, region, account_id)

    iam_actions.extract_iam_action = named_action
    iam_actions.extract_resource_arn = named_resource


def tell_what_is_refused(tell):
    enforce = iam.enforce

    def enforce_and_tell(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        result = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        if isinstance(result, iam.EvalResult):
            tell.add(role_of(result.principal_arn), iam_action, resource_arn)
        return result

    iam.enforce = enforce_and_tell


def check_queues_of_functions(tell):
    """Lambda reads a queue, and deletes what was worked off, in the name of the function."""
    mappings, run_batch, delete = functions._iter_all_esms, functions._run_sqs_batch, sqs._delete_messages_for_esm
    deleting_for = ContextVar("deleting_for")

    def readable_mappings():
        for account, region, mapping in mappings():
            _record, configuration = functions._get_func_record_for_qualifier(
                mapping["FunctionName"], mapping.get("Qualifier")
            )
            queue = mapping["EventSourceArn"]
            enabled = mapping.get("Enabled", True)
            needed = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
            if configuration is None or not enabled or all(may(tell, configuration["Role"], it, queue) for it in needed):
                yield account, region, mapping

    def run_batch_of(mapping, function, *arguments):
        _record, configuration = functions._get_func_record_for_qualifier(
            mapping["FunctionName"], mapping.get("Qualifier")
        )
        deleting_for.set((configuration["Role"], mapping["EventSourceArn"]))
        return run_batch(mapping, function, *arguments)

    def delete_if_allowed(queue_url, receipt_handles):
        role, queue = deleting_for.get()
        if may(tell, role, "sqs:DeleteMessage", queue):
            delete(queue_url, receipt_handles)

    functions._iter_all_esms = readable_mappings
    functions._run_sqs_batch = run_batch_of
    sqs._delete_messages_for_esm = delete_if_allowed


def check_logs_of_functions(tell):
    """Lambda writes a function's log in the name of the function."""
    emit = functions._emit_lambda_logs

    def emit_if_allowed(function, *arguments, **named):
        configuration = function.get("config") or function
        group = (configuration.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{configuration['FunctionName']}"
        stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:any"
        if all(may(tell, configuration["Role"], it, stream) for it in ("logs:CreateLogStream", "logs:PutLogEvents")):
            emit(function, *arguments, **named)

    functions._emit_lambda_logs = emit_if_allowed


def check_targets_of_schedules(tell):
    """Scheduler delivers to a schedule's target in the name of the schedule's role."""
    invoke = eventbridge._invoke_target
    actions = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}

    def invoke_if_allowed(target, event, *arguments, **named):
        service = target["Arn"].split(":")[2]
        by_schedule = event.get("Source") == "aws.scheduler" and service in actions
        if not by_schedule or may(tell, target["RoleArn"], actions[service], target["Arn"]):
            invoke(target, event, *arguments, **named)

    eventbridge._invoke_target = invoke_if_allowed


def check_roles_that_are_passed(tell):
    """Who makes a schedule must be allowed to hand its role to Scheduler."""
    create = scheduler._create_schedule

    def create_if_allowed(name, body):
        caller, role = iam.caller_arn(), (body.get("Target") or {}).get("RoleArn", "")
        is_function = ":assumed-role/" in caller
        passed_to = {"iam:passedtoservice": "scheduler.amazonaws.com"}
        if is_function and not may(tell, caller, "iam:PassRole", role, **passed_to):
            message = f"User: {caller} is not authorized to perform: iam:PassRole on resource: {role}"
            return scheduler._error(403, "AccessDeniedException", message)
        return create(name, body)

    scheduler._create_schedule = create_if_allowed
