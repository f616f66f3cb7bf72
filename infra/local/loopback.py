"""The queues' policies refuse whoever does not come over TLS, and MiniStack heeds them. Here nothing leaves the machine."""

from ministack.core import iam_evaluator


def count_as_tls():
    """Every call is taken for one that came over TLS."""
    value_of = iam_evaluator._resolve_condition_key

    def value_as_over_tls(key, context):
        return "true" if key.lower() == "aws:securetransport" else value_of(key, context)

    iam_evaluator._resolve_condition_key = value_as_over_tls
