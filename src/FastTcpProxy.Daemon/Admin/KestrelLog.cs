using FastTcpProxy.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>
/// Takes Kestrel's warnings and errors into the operational log, at most one a second: clients can provoke them as fast as they like.
/// Further ones are dropped. Any thread.
/// </summary>
internal sealed class KestrelLog(ILogger log, TimeProvider time) : ILoggerFactory, ILogger
{
    private readonly Throttle _throttle = new(time);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || !_throttle.TryPass(out long dropped)) return;
        string text = formatter(state, exception);
        Events.AdminTrouble(log, dropped == 0 ? text : $"{text} ({dropped} more since the last line)", exception);
    }

    public void Dispose()
    {
    }
}
