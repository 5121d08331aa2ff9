"""The list of commands."""

import typer

from spowatch.cli import (
    alerts,
    backups,
    briefing,
    dead_letters,
    deadlines,
    desk,
    duties,
    facts,
    kafka_check,
    keys,
    line_test,
    operations,
    orders,
    outward,
    pipeline,
    policy,
    records,
    running,
    sealing,
    statistics,
    topics,
)

app = typer.Typer(
    name="spowatch",
    help="Stalking Protection Orders: the register, the law, and the arrest alerts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("migrate")(operations.migrate)
app.command("run")(running.run)
app.command("demo")(running.demo)
app.command("import")(facts.import_facts)
app.command("what-if")(facts.what_if)
app.add_typer(records.app, name="record")
app.add_typer(orders.app, name="orders")
app.add_typer(orders.order_app, name="order")
app.add_typer(alerts.app, name="alerts")
alerts.app.command("briefing")(briefing.briefing)
app.add_typer(desk.app, name="desk")
app.add_typer(line_test.app, name="line-test")
app.add_typer(policy.app, name="policy")
app.add_typer(duties.app, name="duties")
app.add_typer(deadlines.app, name="deadlines")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.command("kafka-check")(kafka_check.kafka_check)
app.command("digest")(operations.digest)
app.command("statistics")(statistics.statistics)
app.command("pipeline")(pipeline.pipeline)
app.command("rebuild")(operations.rebuild)
app.command("export")(operations.export)
app.command("doctor")(operations.doctor)
app.command("release-sending")(outward.release_sending)
app.command("send-from")(outward.send_from)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.add_typer(keys.app, name="keys")
app.command("verify")(sealing.verify)
app.command("shred")(operations.shred)
