using System.Collections.Immutable;
using System.CommandLine;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
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
            "Changes the order in which the upstreams of a service are tried: the named ones first, then the others in their configured order.",
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
        AdminOptions.Attach(command, (result, operation) =>
        {
            string of = result.GetRequiredValue(service);
            return result.GetValue(configured)
                ? ChangeAsync(operation, of, null, options.Force(result))
                : ChangeAsync(operation, of, new OverrideRequestDocument(options.Reason(result), options.For(result)) { Names = [.. result.GetRequiredValue(names)] }, options.Force(result));
        });
        return command;
    }

    /// <param name="wanted">Null: the configured order.</param>
    private static async Task<int> ChangeAsync(AdminOperation operation, string service, OverrideRequestDocument? wanted, bool force)
    {
        (string?, ImmutableArray<string>) names = (service, wanted?.Names ?? []);
        string target = AdminPaths.ToOverride(service, null);
        AdminAnswer seen = await operation.Client.AskAsync(AdminQuestion.Get(target) with { Names = names });
        OverrideDocument? before = seen.ReadOrNull(DocumentContext.Default.OverrideDocument, "order");
        if (before is null && wanted is null)
        {
            operation.Print(seen.Body, _ => "");
            operation.Say($"{service} is tried in the order of the configuration already: nothing to do");
            return ExitCodes.Ok;
        }
        if (before is not null) ForceOption.Check(operation, before, seen.Caller, $"{service}: {OverrideText.Describe(before, DateTime.UtcNow)}", force);
        AdminQuestion question = wanted is null
            ? new AdminQuestion(HttpMethod.Delete, target)
            : new AdminQuestion(HttpMethod.Put, target).With(wanted, DocumentContext.Default.OverrideRequestDocument);
        AdminAnswer answer = await operation.Client.AskAsync(question with { IfMatch = seen.Tag, Names = names });
        OverrideDocument? set = wanted is null ? null : answer.ReadOrNull(DocumentContext.Default.OverrideDocument, "order");
        operation.Print(answer.Body, _ => "");
        await ReportAsync(operation, service, before, set);
        return ExitCodes.Ok;
    }

    private static async Task ReportAsync(AdminOperation operation, string service, OverrideDocument? before, OverrideDocument? set)
    {
        DateTime now = DateTime.UtcNow;
        StatusDocument status = await operation.ReadStatusAsync();
        if (status.Services.FirstOrDefault(s => s.Name == service) is not { } found) return;
        operation.Say($"{service}: {(set is null ? "the order of the configuration" : OverrideText.Describe(set, now))}");
        operation.Say($"before: {(before is null ? "the order of the configuration" : OverrideText.Describe(before, now))}");
        operation.Say($"tried in this order now: {string.Join(", ", found.Upstreams.Select(u => u.Serving ? u.Name : $"{u.Name} (does not serve)"))}");
        ServingReport.Say(operation, status, found);
    }
}
