using System.Globalization;
using FastTcpProxy.Control.Texts;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Makes a line of each event that concerns the operator: time, level, event id, text. Control characters are escaped, so that no name or
/// error text can forge a line. Any thread; it keeps nothing.
/// </summary>
/// <param name="write">Takes a line, from any thread.</param>
internal sealed class OneLineLogger(Action<string> write, TimeProvider time) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = formatter(state, exception);
        if (exception is not null) text = $"{text}: {exception}";
        write(string.Create(CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(logLevel)} {eventId.Id} {OneLine.Escape(text)}"));
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
