using System.Diagnostics.Tracing;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The totals of the process as event counters, for the platform's tools (dotnet-counters, dotnet-trace). The counters are made when a
/// tool asks for them. Any thread; there is one for the process.
/// </summary>
internal sealed class ProxyEventSource : EventSource
{
    /// <summary>Not the name of the meter: a tool takes both, and would show each value twice.</summary>
    public const string SourceName = "FastTcpProxy.Totals";

    private readonly Func<MetricsView> _read;
    private readonly Lock _making = new();
    private DiagnosticCounter[] _counters = [];

    /// <param name="read">Reads all metrics.</param>
    public ProxyEventSource(Func<MetricsView> read)
        : base(SourceName, EventSourceSettings.EtwSelfDescribingEventFormat) => _read = read;

    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command != EventCommand.Enable) return;
        lock (_making)
        {
            if (_counters.Length == 0) _counters = [.. Make()];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_making) foreach (DiagnosticCounter counter in _counters) counter.Dispose();
        }
        base.Dispose(disposing);
    }

    private IEnumerable<DiagnosticCounter> Make() =>
    [
        Rate("clients-accepted", "Clients accepted", static v => v.Services.Sum(s => s.Counts.Accepted)),
        Rate("clients-refused", "Clients refused", static v => v.Services.Sum(s => s.Counts.Refused)),
        Rate("sessions-failed", "Sessions without an upstream", static v => v.Services.Sum(s => s.Counts.AllFailed)),
        new PollingCounter("sessions-active", this, () => _read().Process[0].Sessions) { DisplayName = "Sessions" },
        Rate("bytes-to-upstreams", "Bytes to upstreams", static v => v.Services.Sum(s => s.Counts.BytesToUpstreams), "B"),
        Rate("bytes-to-clients", "Bytes to clients", static v => v.Services.Sum(s => s.Counts.BytesToClients), "B"),
        Rate("connects", "Connects that ended", static v => v.Upstreams.Sum(u => u.Counts.Attempts.Sum)),
    ];

    private IncrementingPollingCounter Rate(string name, string display, Func<MetricsView, long> read, string unit = "") =>
        new(name, this, () => read(_read())) { DisplayName = display, DisplayUnits = unit };
}
