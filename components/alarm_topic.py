"""AlarmTopic: the SNS topic that tells people, under the stack's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.data_key import DataKey
from documents import iam
from documents.canonical import digest


@dataclass(frozen=True, kw_only=True)
class AlarmTopicArgs:
    """Arguments of :class:`AlarmTopic`."""

    emails: Sequence[str]
    """Addresses that are told; each confirms first."""
    account_id: str
    """Account of the stack."""
    key: DataKey
    """Key of what the topic holds; its policy lets the same services in."""


class AlarmTopic(pulumi.ComponentResource):
    """A topic to which CloudWatch, EventBridge and RDS publish for this account, and its subscriptions by e-mail.

    EventBridge is let in without a condition: with one it delivers nothing, says
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:AlarmTopic", name, None, opts)
        self._name = name
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        self._topic = aws.sns.Topic(f"{name}-topic", kms_master_key_id=args.key.arn, opts=child)
        policy = aws.sns.TopicPolicy(f"{name}-policy", arn=self._topic.arn, policy=self._policy(), opts=child)
        for address in args.emails:
            # Named by the address, not by its place: whoever stays in the list need not confirm again.
            aws.sns.TopicSubscription(
                f"{name}-email-{digest(address)}",
                topic=self._topic.arn,
                protocol="email",
                endpoint=address,
                opts=child,
            )
        # who publishes to this ARN finds the policy in place
        self.arn = pulumi.Output.all(self._topic.arn, policy.id).apply(lambda both: both[0])
        self.register_outputs({"arn": self.arn})

    def _policy(self) -> pulumi.Output[str]:
        own = {"StringEquals": {"aws:SourceAccount": self._args.account_id}}

        def publish(sid: str, service: str, condition: iam.Conditions | None) -> iam.Statement:
            statement = iam.allow(sid, ["sns:Publish"], self._topic.arn, condition)
            return iam.allow_principal({"Service": service}, statement)

        return policies.policy(
            publish("AlarmsPublish", "cloudwatch.amazonaws.com", own),
            publish("DatabaseEventsPublish", "events.rds.amazonaws.com", own),
            publish("EventsPublish", "events.amazonaws.com", None),
        )
