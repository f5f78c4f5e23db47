"""Parses one command line of the Azure CLI with the CLI's own parser, and carries nothing out.

Exits with 0 where the command is there and takes these arguments, with 2 and the CLI's own words where not.
"""
import sys

from azure.cli.core import get_default_cli
from azure.cli.core.commands import AzCliCommandInvoker
from knack.util import CommandResultItem


def nothing(*_args, **_kwargs):
    return None


# Validators ask the cloud for defaults; the work itself begins after them.
AzCliCommandInvoker._validation = nothing
AzCliCommandInvoker._run_jobs_serially = lambda self, jobs, ids: ([], [])
AzCliCommandInvoker.resolve_warnings = nothing
AzCliCommandInvoker.resolve_confirmation = nothing


def main():
    cli = get_default_cli()
    try:
        result = cli.invocation_cls(
            cli_ctx=cli,
            parser_cls=cli.parser_cls,
            commands_loader_cls=cli.commands_loader_cls,
            help_cls=cli.help_cls,
        )
        cli.invocation = result
        answer = result.execute(sys.argv[1:])
        sys.exit(0 if isinstance(answer, CommandResultItem) and not answer.error else 2)
    except SystemExit as end:
        sys.exit(0 if end.code in (0, None) else 2)


main()
