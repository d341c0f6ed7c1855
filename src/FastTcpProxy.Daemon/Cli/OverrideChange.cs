using System.Collections.Immutable;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// A change of what operators have set for an upstream, or of the order of a service: reads it, changes what it has read and nothing else,
/// and says what was replaced, what holds now and what is left to serve. Two requests. One task at a time.
/// </summary>
/// <param name="operation">Whom it asks.</param>
/// <param name="service">The name of the service.</param>
/// <param name="upstream">The name of the upstream; null: it is about the order.</param>
/// <param name="force">Whether to overwrite what another operator has just set.</param>
internal sealed class OverrideChange(AdminOperation operation, string service, string? upstream, bool force)
{
    private readonly string _target = AdminPaths.ToOverride(service, upstream);
    private AdminAnswer? _seen;

    public AdminOperation Operation => operation;

    /// <summary>For people: "primary of mail", or "mail".</summary>
    public string Name { get; } = upstream is null ? service : $"{upstream} of {service}";

    /// <summary>What the command line names, for an error that one is unknown.</summary>
    public (string? Service, ImmutableArray<string> Upstreams) Names { get; init; } = (service, upstream is null ? [] : [upstream]);

    /// <summary>What is set; the change is made for this.</summary>
    public async Task<OverrideDocument?> ReadAsync()
    {
        _seen = await operation.Client.AskAsync(AdminQuestion.Get(_target) with { Names = Names });
        if (_seen.Tag is null) throw new AdminClientException("the answer has no tag; is this a fasttcpproxy of this version?");
        return _seen.ReadOrNull(DocumentContext.Default.OverrideDocument, "override");
    }

    /// <summary>What the proxy says of the service and the upstream; null when either was removed.</summary>
    public async Task<(StatusDocument Status, UpstreamDocument Upstream)?> FindAsync()
    {
        StatusDocument status = await operation.ReadStatusAsync();
        return status.Services.FirstOrDefault(s => s.Name == service)?.Upstreams.FirstOrDefault(u => u.Name == upstream) is { } found
            ? (status, found)
            : null;
    }

    /// <summary>Sets it, or clears it so that the configuration holds, and reports.</summary>
    /// <param name="before">What was read.</param>
    /// <param name="wanted">Null: nothing is to be set.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> MakeAsync(OverrideDocument? before, OverrideRequestDocument? wanted)
    {
        if (before is not null)
            ForceOption.Check(operation, before, _seen!.Caller, $"{Name}: {OverrideText.Describe(before, DateTime.UtcNow)}", force);
        AdminQuestion question = wanted is null
            ? new AdminQuestion(HttpMethod.Delete, _target)
            : new AdminQuestion(HttpMethod.Put, _target).With(wanted, DocumentContext.Default.OverrideRequestDocument);
        AdminAnswer answer = await operation.Client.AskAsync(question with { IfMatch = _seen!.Tag, Names = Names });
        operation.Print(answer.Body, _ => "");
        OverrideDocument? set = wanted is null ? null : answer.Read(DocumentContext.Default.OverrideDocument, "override");
        Report(before, set, set ?? answer.ReadOrNull(DocumentContext.Default.ChangeDocument, "answer to a change"));
        return ExitCodes.Ok;
    }

    /// <summary>Says that there is nothing to change.</summary>
    /// <returns>The exit code.</returns>
    public int SayNothingToDo(string holds)
    {
        operation.Print("null"u8.ToArray(), _ => "");
        operation.Say($"{Name} {holds}: nothing to do");
        return ExitCodes.Ok;
    }

    private void Report(OverrideDocument? before, OverrideDocument? set, ChangeDocument? left)
    {
        DateTime now = DateTime.UtcNow;
        UpstreamDocument? one = left?.Service?.Upstreams.FirstOrDefault(u => u.Name == upstream);
        string configured = (upstream, one) switch
        {
            (null, _) => "the order of the configuration",
            (_, null) => "as the configuration says",
            _ => $"{(one.Configured.Enabled ? "enabled" : "disabled")} by the configuration",
        };
        operation.Say($"{Name}: {(set is null ? configured : OverrideText.Describe(set, now))}");
        operation.Say($"before: "
            + $"{(before is not null ? OverrideText.Describe(before, now) : upstream is null ? configured : "nothing was set")}");
        if (left?.Service is not { } found) return;
        if (one is not null) operation.Say(one.Serving ? "it serves" : $"it does not serve: {one.Why}");
        if (upstream is null)
            operation.Say($"tried in this order "
                + $"now: {string.Join(", ", found.Upstreams.Select(u => u.Serving ? u.Name : $"{u.Name} (does not serve)"))}");
        if (found.Upstreams.Any(u => u.Serving)) operation.Say(OverrideText.Serving(found));
        if (left.Warning is { } warning) AdminOperation.Warn(warning);
        bool isSet = found.Order is not null || found.Upstreams.Any(u => u.Override is not null);
        if (left.Stored == false && isSet)
            operation.Say("note: the override is lost when the process exits, because it has no admin.stateDirectory");
    }
}
