"""Event source mappings whose limit comes from a parameter."""

from ministack.services import lambda_svc


def take_limits_for_numbers():
    """A parameter's value is a text. CloudFormation makes it a number where one is wanted, and MiniStack does not."""
    concurrency_of = lambda_svc._sqs_esm_concurrency

    def concurrency_as_number(mapping, *of):
        limit = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if isinstance(limit, str):
            mapping["ScalingConfig"] = {"MaximumConcurrency": int(limit)}
        return concurrency_of(mapping, *of)

    lambda_svc._sqs_esm_concurrency = concurrency_as_number
