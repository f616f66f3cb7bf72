"""Deploys template.yaml to the local AWS: `python deploy.py < order.json`, the order being

    {"endpoint": …, "region": …, "template": <file>, "functions": <folder of binaries>, "stack": …, "parameters": {…}}

It is the template that is deployed to AWS; only the places of the code are replaced, as `sam package` does. The stack is
made, or updated where there is one. Prints as JSON its outputs and the environment variables of all functions together:

    {"outputs": {…}, "variables": {…}}
"""

import hashlib
import io
import json
import sys
import zipfile
from email.utils import parseaddr
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from samtranslator.yaml_helper import yaml_parse

import lifeline

BUCKET = "cairn-code"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
POLL = {"Delay": 1, "MaxAttempts": 180}


def main():
    order = json.load(sys.stdin)
    s3 = client("s3", order)
    make_bucket(s3, order["region"])
    template = yaml_parse(Path(order["template"]).read_text())
    for name, function in functions_of(template).items():
        function["CodeUri"] = upload(s3, binary_of(name, template, Path(order["functions"])))
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template, default=str).encode())
    verify_sender(client("sesv2", order), order["parameters"]["MailFrom"])
    deploy(client("cloudformation", order), order["stack"], parameters_of(template, order["parameters"]))
    spell_cors(template, order)
    outputs = client("cloudformation", order).describe_stacks(StackName=order["stack"])["Stacks"][0].get("Outputs", [])
    deployed = {
        "outputs": {output["OutputKey"]: output["OutputValue"] for output in outputs},
        "variables": variables_of(order),
    }
    print(json.dumps(deployed))


def client(service, order):
    return boto3.client(
        service,
        endpoint_url=order["endpoint"],
        region_name=order["region"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"mode": "standard"}, s3={"addressing_style": "path"}),
    )


def make_bucket(s3, region):
    try:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass


def functions_of(template):
    resources = template.get("Resources", {})
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def binary_of(name, template, folder):
    """The binary that `sam build` would put into the package of this function."""
    metadata = template["Resources"][name].get("Metadata", {})
    binary = folder / metadata.get("BuildProperties", {}).get("Binary", name)
    if not binary.is_file():
        lifeline.fail(f"The function {name} of template.yaml needs the binary {binary}, which was not built.")
    return binary


def upload(s3, binary):
    code = binary.read_bytes()
    # The name changes with the code, so that an update of the stack replaces what has changed and nothing else.
    key = f"{binary.name}-{hashlib.sha256(code).hexdigest()[:20]}.zip"
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, code)
    s3.put_object(Bucket=BUCKET, Key=key, Body=package.getvalue())
    return f"s3://{BUCKET}/{key}"


def verify_sender(ses, sender):
    """On AWS somebody follows a link in a mail. Here it is enough to ask."""
    try:
        ses.create_email_identity(EmailIdentity=parseaddr(sender)[1])
    except ses.exceptions.AlreadyExistsException:
        pass


def variables_of(order):
    described = client("cloudformation", order).describe_stack_resources(StackName=order["stack"])["StackResources"]
    functions = [it["PhysicalResourceId"] for it in described if it["ResourceType"] == "AWS::Lambda::Function"]
    variables = {}
    for name in functions:
        configuration = client("lambda", order).get_function_configuration(FunctionName=name)
        given = configuration.get("Environment", {}).get("Variables", {})
        variables |= {key: value for key, value in given.items() if value}
    return variables


def parameters_of(template, given):
    """What the template has no parameter for is left out; a parameter that is left out keeps its default."""
    known = template.get("Parameters", {})
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items() if key in known]


def deploy(cloudformation, stack, parameters):
    url = f"{cloudformation.meta.endpoint_url}/{BUCKET}/template.json"
    arguments = {"StackName": stack, "TemplateURL": url, "Parameters": parameters, "Capabilities": CAPABILITIES}
    try:
        cloudformation.describe_stacks(StackName=stack)
        exists = True
    except ClientError:
        exists = False
    try:
        if exists:
            cloudformation.update_stack(**arguments)
            wait = "stack_update_complete"
        else:
            cloudformation.create_stack(**arguments)
            wait = "stack_create_complete"
        cloudformation.get_waiter(wait).wait(StackName=stack, WaiterConfig=POLL)
    except WaiterError:
        lifeline.fail(f"template.yaml could not be deployed to the local AWS: {reasons(cloudformation, stack)}")
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            lifeline.fail(f"template.yaml could not be deployed to the local AWS: {error}")


def spell_cors(template, order):
    """MiniStack keeps the CORS configuration of a native HTTP API in CloudFormation's spelling (AllowOrigins), looks for that
    of the API (allowOrigins), finds none and refuses every preflight. Said again through the API it is understood."""

    def value_of(given):
        if not isinstance(given, dict):
            return given
        name = given["Ref"]
        return order["parameters"].get(name, template["Parameters"][name].get("Default", "")).split(",")

    gateway = client("apigatewayv2", order)
    cloudformation = client("cloudformation", order)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "CorsConfiguration" in resource["Properties"]:
            described = cloudformation.describe_stack_resource(StackName=order["stack"], LogicalResourceId=name)
            gateway.update_api(
                ApiId=described["StackResourceDetail"]["PhysicalResourceId"],
                CorsConfiguration={
                    key: value_of(value) for key, value in resource["Properties"]["CorsConfiguration"].items()
                },
            )


def reasons(cloudformation, stack):
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
        for event in sorted(events, key=lambda event: event["Timestamp"])
        if event["ResourceStatus"].endswith("FAILED")
    ]
    if failed:
        return "; ".join(failed)
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    unfinished = [it["LogicalResourceId"] for it in resources if not it["ResourceStatus"].endswith("_COMPLETE")]
    return f"it was not ready in time; unfinished: {', '.join(unfinished)}"


if __name__ == "__main__":
    main()
