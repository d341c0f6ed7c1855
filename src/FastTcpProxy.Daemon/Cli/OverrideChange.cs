using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// A change of the override of one upstream: reads it, changes exactly the state that it has read, and reports what was replaced, what
/// applies now and which upstreams are left. One task at a time.
/// </summary>
/// <param name="force">Whether to overwrite what another operator has just set.</param>
internal sealed class OverrideChange(AdminOperation operation, string service, string upstream, bool force = false)
{
    private readonly string _target = AdminPaths.ToOverride(service, upstream);
    private string _tag = "";
    private string? _caller;

    /// <summary>For people: "primary of mail".</summary>
    public string Name { get; } = $"{upstream} of {service}";

    /// <summary>What is set; the change is made for this.</summary>
    public async Task<OverrideDocument?> LookAsync()
    {
        AdminAnswer answer = await operation.Client.AskAsync(AdminQuestion.Get(_target) with { Names = (service, [upstream]) });
        _caller = answer.Caller;
        _tag = answer.Tag ?? throw new AdminClientException("the answer has no tag; is this a fasttcpproxy of this version?");
        return answer.ReadOrNull(DocumentContext.Default.OverrideDocument, "override");
    }

    /// <summary>What the proxy says of the upstream as a whole.</summary>
    public static (ServiceDocument Service, UpstreamDocument Upstream)? Find(StatusDocument status, string service, string upstream)
    {
        ServiceDocument? found = status.Services.FirstOrDefault(s => s.Name == service);
        return found?.Upstreams.FirstOrDefault(u => u.Name == upstream) is { } one ? (found, one) : null;
    }

    /// <summary>Sets it, and reports.</summary>
    /// <param name="before">What was seen.</param>
    /// <param name="request">What is wanted.</param>
    public async Task SetAsync(OverrideDocument? before, OverrideRequestDocument request)
    {
        Confirm(before);
        AdminQuestion question = new AdminQuestion(HttpMethod.Put, _target).With(request, DocumentContext.Default.OverrideRequestDocument);
        AdminAnswer answer = await operation.Client.AskAsync(question with { IfMatch = _tag, Names = (service, [upstream]) });
        await ReportAsync(before, answer.ReadOrNull(DocumentContext.Default.OverrideDocument, "override"), answer);
    }

    /// <summary>Ends what was seen, so that the configuration holds, and reports.</summary>
    public async Task ClearAsync(OverrideDocument before)
    {
        Confirm(before);
        AdminAnswer answer = await operation.Client.AskAsync(new AdminQuestion(HttpMethod.Delete, _target) { IfMatch = _tag, Names = (service, [upstream]) });
        await ReportAsync(before, null, answer);
    }

    private void Confirm(OverrideDocument? before)
    {
        if (before is not null) ForceOption.Check(operation, before, _caller, $"{Name}: {OverrideText.Describe(before, DateTime.UtcNow)}", force);
    }

    private async Task ReportAsync(OverrideDocument? before, OverrideDocument? set, AdminAnswer answer)
    {
        DateTime now = DateTime.UtcNow;
        operation.Print(answer.Body, _ => "");
        StatusDocument status = await operation.ReadStatusAsync();
        // It may have been removed from the configuration meanwhile.
        if (Find(status, service, upstream) is not var (found, one)) return;
        string holds = set is null ? $"{(one.Configured.Enabled ? "enabled" : "disabled")} by the configuration" : OverrideText.Describe(set, now);
        operation.Say($"{Name}: {holds}");
        operation.Say($"before: {(before is null ? "nothing was set" : OverrideText.Describe(before, now))}");
        operation.Say(one.Serving ? "it serves" : $"it does not serve: {one.Why}");
        ServingReport.Say(operation, status, found);
    }
}
