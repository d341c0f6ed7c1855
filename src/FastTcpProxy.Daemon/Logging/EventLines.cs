using System.Globalization;
using FastTcpProxy.Control.Texts;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Makes a line of each event: time, level, event id, text. Control characters are escaped, so that no name or error text can forge a line.
/// Any thread; it keeps nothing.
/// </summary>
/// <param name="write">Takes a line, from any thread.</param>
internal sealed class EventLines(Action<string> write) : IEventSink
{
    public void Take(OperationalEvent published) => write(string.Create(CultureInfo.InvariantCulture,
        $"{published.At:yyyy-MM-ddTHH:mm:ss.fffZ} {Name(published.Level)} {published.Id.Id} {OneLine.Escape(published.Text)}"));

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
