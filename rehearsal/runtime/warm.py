"""AWS's models of the services that are played, parsed once: the process that all parts are forked from imports this.

They are megabytes of JSON, which both boto3's clients and moto's server read before their first request.
"""

from __future__ import annotations

from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import create_backend_app

from rehearsal.runtime.clients import client

for _service in ("s3", "iam", "sts", "kinesis"):
    client(_service, "http://127.0.0.1")  # it connects to nothing yet
    get_service_model(_service)
for _service in ("s3", "iam", "sts"):
    create_backend_app(_service)
