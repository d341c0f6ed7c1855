using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>The export of metrics.</summary>
internal static partial class Events
{
    [Advice("Look at the collector, and at endpoint and headersFile of metrics.otlp.")]
    [LoggerMessage(6150, LogLevel.Warning,
        "metrics: the export to {Target} fails ({Why}); it is tried at each interval, and the counts lose nothing")]
    public static partial void ExportFails(ILogger log, string target, string why);

    [LoggerMessage(6151, LogLevel.Information, "metrics: the export to {Target} works again, after {Failures}")]
    public static partial void ExportWorks(ILogger log, string target, string failures);

    [Advice("Look at the limits of the collector. It has not stored these points.")]
    [LoggerMessage(6152, LogLevel.Warning, "metrics: {Target} has rejected {Points}: {Why}")]
    public static partial void ExportRejected(ILogger log, string target, string points, string why);
}
