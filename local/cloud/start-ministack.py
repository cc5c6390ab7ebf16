"""Starts MiniStack with IAM enforced, as AWS has it: a function may do what its role says, and nothing else.

Requests come over HTTP on this machine, and the policies of queues, bucket and topic deny requests without TLS: they are
judged as if they had come over TLS, which is the one thing that a laptop's cloud does not have. A batch of SQS is allowed by the
action for a single message, as on AWS, which knows no other.
"""

import os

os.environ["AUTH"] = "true"

from ministack.core import iam_actions, iam_evaluator  # noqa: E402

pin_request_origin = iam_evaluator.pin_request_origin
iam_evaluator.pin_request_origin = lambda source_ip, _secure: pin_request_origin(source_ip, True)

BATCHES = {f"sqs:{action}Batch": f"sqs:{action}" for action in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
extract_iam_action = iam_actions.extract_iam_action


def action_of(*request):
    action = extract_iam_action(*request)
    return BATCHES.get(action, action)


iam_actions.extract_iam_action = action_of

from ministack.app import main  # noqa: E402

main()
