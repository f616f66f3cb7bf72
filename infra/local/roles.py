"""Reads and changes the policies of a stack's roles in the local AWS: `python roles.py < order.json`, the order being

    {"endpoint": …, "region": …, "stack": …}                                                   to list them
    {"endpoint": …, "region": …, "put": {"role": …, "policy": …, "document": {…}}}              to replace one

Prints as JSON the policies, each with the role's name in the template and its own:

    [{"logical": …, "role": …, "policy": …, "document": {…}}]
"""

import json
import sys

from deploy import client


def main():
    order = json.load(sys.stdin)
    iam = client("iam", order)
    if "put" in order:
        put = order["put"]
        name = {"RoleName": put["role"], "PolicyName": put["policy"]}
        if put["document"]["Statement"]:
            iam.put_role_policy(**name, PolicyDocument=json.dumps(put["document"]))
        else:
            # IAM takes no policy that allows nothing.
            iam.delete_role_policy(**name)
        print("[]")
    else:
        print(json.dumps(list(policies(iam, order))))


def policies(iam, order):
    resources = client("cloudformation", order).describe_stack_resources(StackName=order["stack"])["StackResources"]
    for resource in resources:
        if resource["ResourceType"] != "AWS::IAM::Role":
            continue
        role = resource["PhysicalResourceId"]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            yield {"logical": resource["LogicalResourceId"], "role": role, "policy": policy, "document": document}


if __name__ == "__main__":
    main()
