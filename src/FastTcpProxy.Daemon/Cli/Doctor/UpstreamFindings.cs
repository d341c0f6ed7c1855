using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>What follows from the trials of all upstreams. Pure functions, any thread.</summary>
internal static class UpstreamFindings
{
    public static IEnumerable<MachineFinding> Of(ImmutableArray<UpstreamTrial> trials, Func<string, string> place)
    {
        foreach (IGrouping<string, UpstreamTrial> service in trials.GroupBy(t => t.Service.Name))
        {
            bool isUsable = service.Any(t => t.Upstream.Enabled && t.Connect is { IsGood: true } && t.Check is null or { IsGood: true }
                && t.Header is null or { Sign: HeaderSign.None });
            foreach (UpstreamTrial trial in service)
            {
                yield return OfConnect(trial, isUsable).At(place(trial.Key));
                if (OfHeader(trial) is { } header) yield return header.At(place(trial.Key));
                if (trial.Upstream.HealthCheck is { } check && OfCheck(trial, check, isUsable) is { } found)
                    yield return found.At(place(trial.Key));
            }
        }
    }

    private static MachineFinding OfConnect(UpstreamTrial trial, bool isUsable)
    {
        MachineRule rule = MachineRules.UpstreamAnswers;
        if (trial.Connect is not { } connect) return NotTried(rule, trial);
        if (connect.IsGood)
            return rule.Ok($"{trial.Name}: connected in {Time(connect)}");
        string found = $"{trial.Name}: {connect.Text}";
        if (connect.IsUnknown) return rule.Note("not known: " + found) with { IsKnown = false };
        string[] change = connect.Failure == ProbeFailure.Unresolved
            ? [$"getent ahosts {trial.Upstream.Address.DnsName}"]
            : trial.Upstream.Address.Path is { } path ? [$"ls -l {path}; ss -lx src {path}"]
            : [$"nc -vz -w 5 {HostOf(trial.Upstream.Address)} {trial.Upstream.Address.Port}", "start it, or take it out of the list"];
        return Severe(rule, trial, isUsable, found, connect.Failure == ProbeFailure.ConnectTimeout).Do([.. change]);
    }

    /// <summary>Null: none goes first, so there is nothing to say.</summary>
    private static MachineFinding? OfHeader(UpstreamTrial trial)
    {
        MachineRule rule = MachineRules.HeaderTaken;
        bool isRaw = trial.Upstream.Mode == HeaderMode.Raw;
        string mode = trial.Upstream.Mode == HeaderMode.ProxyV1 ? "proxy-v1" : "proxy-v2";
        if (isRaw)
        {
            return trial.Check is { Sign: HeaderSign.Missing }
                ? rule.Warning($"{trial.Name}: it closed without a byte, as servers do that expect a PROXY header, and its mode is raw")
                    .Do("\"mode\": \"proxy-v2\" for this upstream, if the server reads headers")
                : null;
        }
        if (trial.Connect is not { IsGood: true }) return null;
        if (trial.Check is { IsGood: true } && trial.CheckSendsHeader)
            return rule.Ok($"{trial.Name}: its check passes behind the header");
        if (trial.Header is not { } header)
        {
            return rule.Note($"not known: {trial.Name}: a header of version 1 names a client, and no check sends one "
                + "there, so none was sent")
                .Do("fasttcpproxy doctor --send-header --config FILE") with { IsKnown = false };
        }
        string what = trial.Sent switch
        {
            CheckProxyHeader.V2 => "a v2 LOCAL header",
            CheckProxyHeader.V2Addresses => "a v2 header with addresses",
            _ => "a v1 header",
        };
        if (header.Sign == HeaderSign.Unwanted || trial.Check is { Sign: HeaderSign.Unwanted })
        {
            string why = header.Sign == HeaderSign.Unwanted ? header.Text : trial.Check!.Text;
            string found = $"{trial.Name}: mode is {mode}, and behind {what} {Plain(why)}";
            return (trial.Upstream.Enabled ? rule.Error(found) : rule.Note(found)).Do(
                "make the server read the header (nginx: listen ... proxy_protocol; HAProxy: bind ... accept-proxy)",
                "or \"mode\": \"raw\" for this upstream");
        }
        if (header.Failure is ProbeFailure.Content or ProbeFailure.TooLarge
            || header.Text.Contains("answer does not contain", StringComparison.Ordinal))
            return rule.Ok($"{trial.Name}: behind {what} the server speaks without complaint");
        if (header.Failure != ProbeFailure.ResponseTimeout)
            return rule.Note($"not known: {trial.Name}: with {what}: {header.Text}") with { IsKnown = false };
        return rule.Note($"not known: {trial.Name}: behind {what} the server was silent for "
            + $"{UpstreamTrials.HeaderPatience.TotalSeconds:0} s, as one is that waits for its client")
            .Do("a healthCheck at this address tells, since it asks behind the header") with { IsKnown = false };
    }

    private static MachineFinding? OfCheck(UpstreamTrial trial, HealthCheckConfiguration check, bool isUsable)
    {
        MachineRule rule = MachineRules.CheckPasses;
        if (trial.Check is not { } probe) return NotTried(rule, trial);
        // What does not even accept is said already.
        if (!probe.IsGood && trial.Connect is { IsGood: false } connect && connect.Failure == probe.Failure) return null;
        if (probe.IsGood)
            return rule.Ok($"{trial.Name}: {probe.Text}, in {Time(probe)}");
        bool isCutShort = check.Timeout > UpstreamTrials.CheckWithin && probe.Duration >= UpstreamTrials.CheckWithin;
        if (probe.IsUnknown || isCutShort)
            return rule.Note($"not known: {trial.Name}: {probe.Text}") with { IsKnown = false };
        return Severe(rule, trial, isUsable, $"{trial.Name}: {probe.Text}", isCostly: false).Do(trial.Upstream.HealthCheck!.Url is { } url
            ? [$"curl -v {url}"] : ["see src/docs/health-checks.md"]);
    }

    /// <summary>An error where clients wait for it, or where no other serves them.</summary>
    /// <param name="isCostly">Whether each client that tries it waits.</param>
    private static MachineFinding Severe(MachineRule rule, UpstreamTrial trial, bool isUsable, string found, bool isCostly)
    {
        if (!trial.Upstream.Enabled) return rule.Note(found + " (it is not enabled)");
        if (!isUsable) return rule.Error(found + "; no other upstream of the service serves");
        return isCostly && trial.Upstream.HealthCheck is null
            ? rule.Error($"{found}; without a healthCheck every client waits "
                + $"{trial.Service.Settings.ConnectTimeout.TotalSeconds:0.#} s for it")
            : rule.Warning($"{found}; others of the service serve");
    }

    private static MachineFinding NotTried(MachineRule rule, UpstreamTrial trial) =>
        rule.Note($"not known: {trial.Name} was not tried within the {UpstreamTrials.Within.TotalSeconds:0} s for all upstreams")
            with { IsKnown = false };

    private static string Time(ProbeResult result) => TimeText.Milliseconds(result.Duration.TotalMilliseconds);

    /// <summary>Without the empty pattern that the trial waited for.</summary>
    private static string Plain(string text) => text.Replace("the answer does not contain \"\": ", "it said ", StringComparison.Ordinal);

    private static string HostOf(ConfiguredUpstreamAddress address) => address.DnsName ?? address.EndPoint!.Address.ToString();
}
