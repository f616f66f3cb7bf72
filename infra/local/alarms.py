"""Alarms on expressions of several metrics, which MiniStack refuses."""

from ministack.services.cloudformation import provisioners


def take_those_on_expressions():
    """Taken for alarms on metrics that nobody counts they are there, and do not go off."""
    record_of = provisioners._cw_metric_alarm_record

    def record_of_any(name, properties):
        if properties.get("Metrics"):
            properties = {**properties, "Metrics": None, "Namespace": "Expressions", "MetricName": name}
        return record_of(name, properties)

    provisioners._cw_metric_alarm_record = record_of_any
