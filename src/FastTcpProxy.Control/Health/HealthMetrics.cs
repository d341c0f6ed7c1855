using System.Diagnostics;
using System.Diagnostics.Metrics;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// The instruments of health checks, of the meter <see cref="MeterName"/>: its listeners (OpenTelemetry, dotnet-counters) read them.
/// Every measurement has the tags <c>service</c> and <c>upstream</c>. Any thread.
/// </summary>
public sealed class HealthMetrics : IDisposable
{
    public const string MeterName = "FastTcpProxy";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _checks;
    private readonly Counter<long> _transitions;
    private readonly Histogram<double> _duration;

    /// <param name="composer">The services that run.</param>
    public HealthMetrics(ServiceComposer composer)
    {
        IEnumerable<(string Service, string Upstream, UpstreamHealth Health, bool IsServing)> Read() =>
            from service in composer.Services
            from place in service.Rotation.Places
            let health = place.Upstream.Health
            where health.IsChecked
            select (service.Name, place.Configuration.Name, health, place.IsServing);

        _checks = _meter.CreateCounter<long>("fasttcpproxy.health.checks", "{check}",
            "Checks that have ended; tag result: good, bad, unknown (this machine lacked something for it).");
        _transitions = _meter.CreateCounter<long>("fasttcpproxy.health.transitions", "{transition}",
            "Changes of an upstream from up to down or back.");
        _duration = _meter.CreateHistogram<double>("fasttcpproxy.health.check.duration", "s", "From the start of a check to its result.");
        _meter.CreateObservableGauge("fasttcpproxy.upstream.up",
            () => Read().Where(u => u.Health.State != HealthState.Initial)
            .Select(u => Measure(u.Health.State == HealthState.Up, u.Service, u.Upstream)),
            null, "1: the last check was good; 0: it was bad; absent before the first.");
        _meter.CreateObservableGauge("fasttcpproxy.upstream.serving", () => Read().Select(u => Measure(u.IsServing, u.Service, u.Upstream)),
            null, "1: new clients can get to the upstream; 0: they cannot.");
        _meter.CreateObservableGauge("fasttcpproxy.upstream.flapping",
            () => Read().Select(u => Measure(u.Health.IsFlapping, u.Service, u.Upstream)),
            null, "1: the upstream changes so often that neither state says much.");
    }

    /// <summary>Counts a check that has ended.</summary>
    public void Count(string service, string upstream, UpstreamHealth before, UpstreamHealth after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        TagList tags = new() { { "service", service }, { "upstream", upstream } };
        _duration.Record(after.Latest!.Duration.TotalSeconds, tags);
        if (after.Transitions > before.Transitions) _transitions.Add(1, tags);
        tags.Add("result", after.Unknown is not null ? "unknown" : after.Last!.IsGood ? "good" : "bad");
        _checks.Add(1, tags);
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<int> Measure(bool value, string service, string upstream) =>
        new(value ? 1 : 0, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("upstream", upstream));
}
