"""Starts MiniStack with IAM enforced, as AWS has it: a function may do what its role says, and nothing else.

Requests come over HTTP on this machine, and the policies of queues, bucket and topic deny requests without TLS: they are
judged as if they had come over TLS, which is the one thing that a laptop's cloud does not have.
"""

import os

os.environ["AUTH"] = "true"

from ministack.core import iam_evaluator  # noqa: E402

pin_request_origin = iam_evaluator.pin_request_origin
iam_evaluator.pin_request_origin = lambda source_ip, _secure: pin_request_origin(source_ip, True)

from ministack.app import main  # noqa: E402

main()
