"""Sending dead letters back, which MiniStack does not know: StartMessageMoveTask and ListMessageMoveTasks of SQS.

So the command of the runbook (`aws sqs start-message-move-task`) works here as on AWS. A move is over when it is answered.
"""

import json
import time

from ministack.core.responses import new_uuid
from ministack.services import sqs

KEPT = 10
_moves = {}


def take_moves():
    """Installs both actions."""
    sqs._HANDLERS.update({"StartMessageMoveTask": start, "ListMessageMoveTasks": moves_of})


def start(order, _url):
    source = dead_letters(order.get("SourceArn", ""))
    letters, source["messages"] = source["messages"], []
    moved, refused = 0, []
    for letter in letters:
        try:
            # As on AWS it is a new message, with another id and not received yet.
            sqs._act_send_message(
                {"MessageBody": letter["body"], "MessageAttributes": letter.get("message_attributes") or {}},
                queue_of(destination(order, letter))["url"],
            )
            moved += 1
        except sqs._Err as error:
            refused.append((letter, error.message))
    source["messages"] += [letter for letter, _reason in refused]
    handle = new_uuid()
    _moves.setdefault(order["SourceArn"], []).insert(
        0,
        {
            "TaskHandle": handle,
            "Status": "FAILED" if refused else "COMPLETED",
            "SourceArn": order["SourceArn"],
            **{key: order[key] for key in ("DestinationArn",) if key in order},
            "ApproximateNumberOfMessagesMoved": moved,
            "ApproximateNumberOfMessagesToMove": len(letters),
            **({"FailureReason": refused[0][1]} if refused else {}),
            "StartedTimestamp": int(time.time() * 1000),
        },
    )
    del _moves[order["SourceArn"]][KEPT:]
    return {"TaskHandle": handle}


def moves_of(order, _url):
    source = order.get("SourceArn", "")
    dead_letters(source)
    return {"Results": _moves.get(source, [])[: int(order.get("MaxResults", 1))]}


def destination(order, letter):
    """Where a letter goes: where the order says, else where it came from."""
    given = order.get("DestinationArn") or letter.get("sys", {}).get("DeadLetterQueueSourceArn")
    if not given:
        raise sqs._Err("InvalidParameterValue", "A message does not say where it came from: name a DestinationArn.")
    return given


def dead_letters(arn):
    queue = queue_of(arn)
    policies = [it["attributes"].get("RedrivePolicy") or "{}" for it in sqs._queues.values()]
    if not any(json.loads(policy).get("deadLetterTargetArn") == arn for policy in policies):
        message = "Source queue must be configured as a Dead Letter Queue."
        raise sqs._Err("InvalidParameterValue", message)
    return queue


def queue_of(arn):
    queue = sqs._queue_by_arn(arn)
    if queue is None:
        raise sqs._Err("ResourceNotFoundException", f"The resource that you specified for the ARN doesn't exist: {arn}")
    return queue
