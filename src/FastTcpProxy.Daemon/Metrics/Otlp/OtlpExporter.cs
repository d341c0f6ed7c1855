using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Sends all metrics to a collector at each interval, by the configuration in force. A collector that is down, slow or wrong costs one
/// export at a time and one line of the log until it is right again. One task on the thread pool; it owns its connection and its buffer.
/// </summary>
/// <param name="source">What is exported.</param>
/// <param name="reload">What is configured.</param>
/// <param name="lifecycle">Says whether another process exports these counts by now.</param>
internal sealed class OtlpExporter(MetricsSource source, ConfigurationReload reload, Lifecycle lifecycle, TimeProvider time, ILogger log)
{
    /// <summary>
    /// From this many bytes on a request is sent, and the rest in another: what a collector takes at most is 4 MiB by default (gRPC).
    /// </summary>
    public const int RequestBytesMax = 1 << 20;

    /// <summary>How long the last export may hold up the end of the process.</summary>
    public static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    /// <summary>Characters of what a collector says that go into the log.</summary>
    private const int TextLengthMax = 200;

    private OtlpConfiguration? _to;
    private OtlpSender? _sender;
    private long _failures;
    private string _rejection = "";

    /// <summary>Runs until it is cancelled, and exports once more then.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Task changed = reload.Changed;
                Follow(reload.Current.Configuration.Otlp);
                if (_sender is not null) await ExportAsync(_sender, stop);
                await WaitAsync(changed, stop);
            }
            if (_sender is null) return;
            using CancellationTokenSource last = new(LastWait);
            await ExportAsync(_sender, last.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        finally
        {
            _sender?.Dispose();
        }
    }

    private async Task WaitAsync(Task changed, CancellationToken stop)
    {
        using CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task interval = Task.Delay(_to?.Interval ?? Timeout.InfiniteTimeSpan, time, wait.Token);
        await Task.WhenAny(interval, changed);
        await wait.CancelAsync();
    }

    private void Follow(OtlpConfiguration? wanted)
    {
        if (wanted == _to) return;
        _sender?.Dispose();
        _to = wanted;
        _sender = wanted is null ? null : new OtlpSender(wanted);
        (_failures, _rejection) = (0, "");
    }

    private async Task ExportAsync(OtlpSender sender, CancellationToken stop)
    {
        // The counts of this process are in the sums of its successor.
        if (lifecycle.Draining is { Successor: not null }) return;
        using MetricsView view = source.Read();
        using OtlpRequest request = new(source.Instance);
        request.Start(time.GetUtcNow());
        foreach (MetricFamily family in MetricTable.All)
        {
            request.Begin(family);
            int owners = family.CountOwners(view);
            for (int i = 0; i < owners; i++)
            {
                family.Write(view, i, request);
                if (request.Length < RequestBytesMax) continue;
                request.EndFamily();
                // The others would fail the same way, and take as long.
                if (!await SendAsync(sender, request, stop)) return;
                request.Start(time.GetUtcNow());
                request.Begin(family);
            }
            request.EndFamily();
        }
        await SendAsync(sender, request, stop);
    }

    private async Task<bool> SendAsync(OtlpSender sender, OtlpRequest request, CancellationToken stop)
    {
        request.Finish();
        OtlpResult result = await sender.SendAsync(request.Written, stop);
        if (result.Failure is { } why)
        {
            if (_failures++ == 0) Events.ExportFails(log, sender.Target, OneLine.Escape(why, TextLengthMax));
            return false;
        }
        if (_failures > 0) Events.ExportWorks(log, sender.Target, Counted.Of(_failures, "failure"));
        _failures = 0;
        if (result.Rejected > 0 && result.Message != _rejection)
        {
            _rejection = result.Message;
            Events.ExportRejected(log, sender.Target, Counted.Of(result.Rejected, "point"), OneLine.Escape(result.Message, TextLengthMax));
        }
        return true;
    }
}
