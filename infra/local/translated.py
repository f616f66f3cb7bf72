"""Prints template.yaml as CloudFormation gets it from SAM's transform: `python translated.py [<parameter>=<value> …]`.

For cfn-lint: by itself it looks at what the parameters' defaults make of the template, so at nothing of gradual deployment.
"""

import json
import logging
import os
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class NoManagedPolicies:
    """Their names would be looked up at AWS; the template has none."""

    def load(self):
        return {}


def main():
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    # The names of services depend on the Region.
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    logging.disable(logging.WARNING)
    template = yaml_parse(TEMPLATE.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/package.zip"
    print(json.dumps(transform(template, given, NoManagedPolicies()), indent=2, default=str))


if __name__ == "__main__":
    main()
