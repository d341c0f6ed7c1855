using System.Globalization;
using FastTcpProxy.Daemon.CommandLine;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.OperationalLog;

/// <summary>
/// Writes what concerns the operator to standard error, one line an event: time, level, event id, text. Control characters are escaped, so
/// that no name or error text can forge a line. Any thread but a loop: a full pipe makes the writer wait.
/// </summary>
internal sealed class StandardErrorLogger(TextWriter output, TimeProvider time) : ILogger
{
    private readonly Lock _writing = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = formatter(state, exception);
        if (exception is not null) text = $"{text}: {exception}";
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(logLevel)} {eventId.Id} {OneLine.Escape(text)}");
        lock (_writing)
        {
            try
            {
                output.WriteLine(line);
            }
            catch (IOException)
            {
                // Nobody is left to tell.
            }
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
