using System.Collections.Immutable;
using System.CommandLine;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>upstream order</c>: in which order upstreams are tried. Used by the main thread.</summary>
internal static class UpstreamOrderCommand
{
    public static Command Build()
    {
        Argument<string> service = NameArguments.Service();
        Argument<string[]> names = NameArguments.UpstreamsInOrder(service);
        Option<bool> configured = new("--configured") { Description = "Return to the order of the configuration." };
        DocumentedCommand command = new(
            "order",
            "Changes the order in which the upstreams of a service are tried: the named ones first, "
            + "then the others in their configured order.",
            """
            fasttcpproxy upstream order mail secondary
            fasttcpproxy upstream order mail tertiary secondary --reason "primary is slow" --for 2h
            fasttcpproxy upstream order mail --configured
            """)
        { service, names, configured };
        OverrideOptions options = new(command);
        command.Validators.Add(result =>
        {
            int named = result.GetResult(names)?.Tokens.Count ?? 0;
            bool back = result.GetValue(configured);
            if (named == 0 && !back) result.AddError("expected the names of upstreams, or --configured");
            if (named > 0 && back) result.AddError("names and --configured exclude each other");
        });
        AdminOptions.Attach(command, async (result, operation) =>
        {
            string of = result.GetRequiredValue(service);
            ImmutableArray<string> wanted = result.GetValue(configured) ? [] : [.. result.GetRequiredValue(names)];
            OverrideChange change = new(operation, of, null, options.Force(result)) { Names = (of, wanted) };
            OverrideDocument? before = await change.ReadAsync();
            if (before is null && wanted.IsEmpty) return change.SayNothingToDo("is tried in the order of the configuration already");
            return await change.MakeAsync(before, wanted.IsEmpty ? null : options.Read(result) with { Names = wanted });
        });
        return command;
    }
}
