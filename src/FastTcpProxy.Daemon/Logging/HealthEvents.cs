using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Daemon.Texts;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Logs what checks have changed, with the reason of each probe. Called on the thread pool. A lack of this machine concerns many checks at
/// once, so checks that could not be made are logged once a second.
/// </summary>
internal sealed class HealthEvents(ILogger log) : IHealthObserver
{
    private readonly Throttle _notMade = new(TimeProvider.System);
    private readonly Throttle _signs = new(TimeProvider.System);

    public void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after)
    {
        if (after.Unknown is { } unknown)
        {
            bool isNews = before.Unknown?.Decisive.Failure != unknown.Decisive.Failure;
            if (isNews && _notMade.TryPass(out long dropped))
                Events.CheckNotMade(log, service, upstream, Word(after.State), Describe(unknown), dropped);
            return;
        }
        CheckResult check = after.Last!;
        if (after.State != before.State)
        {
            if (after.State == HealthState.Up) Events.UpstreamUp(log, service, upstream, Describe(check));
            else Events.UpstreamDown(log, service, upstream, Describe(check));
        }
        else if (after.State == HealthState.Down && check.Decisive.Failure != before.Last?.Decisive.Failure)
        {
            Events.UpstreamStillDown(log, service, upstream, Describe(check));
        }
        if (after.Signs.IsTelling && (!before.Signs.IsTelling || before.Signs.Sign != after.Signs.Sign) && _signs.TryPass(out _))
            TellSigns(service, upstream, after.Signs, check);
        if (after.IsFlapping && !before.IsFlapping)
            Events.UpstreamFlaps(log, service, upstream, UpstreamHealth.FlapTransitions, UpstreamHealth.FlapWindow);
        else if (before.IsFlapping && !after.IsFlapping)
            Events.UpstreamSettled(log, service, upstream, Word(after.State));
    }

    public void AnyUp(string service, bool isAnyUp, string counts)
    {
        if (isAnyUp) Events.AnyUp(log, service, counts);
        else Events.NoneUp(log, service, counts);
    }

    private void TellSigns(string service, string upstream, HeaderSigns signs, CheckResult check)
    {
        string probes = Counted.Of(signs.Probes, "probe");
        if (signs.Sign == HeaderSign.Unwanted)
            Events.HeaderUnwanted(log, service, upstream, $"{probes} in a row sent one; the last: {Describe(check.Decisive)}");
        else
            Events.HeaderMissing(log, service, upstream, $"{probes} in a row sent none; the last: {Describe(check.Decisive)}");
    }

    private static string Word(HealthState state) => state switch
    {
        HealthState.Up => "up",
        HealthState.Down => "down",
        _ => "not checked yet",
    };

    /// <summary>"status 503 (2.1 ms)"; of several probes each with its number.</summary>
    private static string Describe(CheckResult check) => check.Probes.Length == 1
        ? Describe(check.Decisive)
        : string.Join("; ", check.Probes.Select((probe, index) => $"probe {index + 1}: {Describe(probe)}"));

    private static string Describe(ProbeResult probe) =>
        $"{probe.Text} ({TimeText.Milliseconds(probe.Duration.TotalMilliseconds)})";
}
