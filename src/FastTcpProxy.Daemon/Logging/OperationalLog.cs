using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// The one place where an event that concerns the operator is published, to every sink in their order. Any thread; it keeps nothing.
/// </summary>
internal sealed class OperationalLog(TimeProvider time, params ImmutableArray<IEventSink> sinks) : ILogger
{
    /// <summary>The name under which the source generator of the platform's logging passes the template itself.</summary>
    private const string Template = "{OriginalFormat}";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = formatter(state, exception);
        if (exception is not null) text = $"{text}: {exception}";
        ImmutableArray<KeyValuePair<string, object?>> fields = state is IReadOnlyList<KeyValuePair<string, object?>> all
            ? [.. all.Where(f => f.Key != Template).Select(Value)] : [];
        OperationalEvent published = new(time.GetUtcNow(), logLevel, eventId, text, fields);
        foreach (IEventSink sink in sinks) sink.Take(published);
    }

    private static KeyValuePair<string, object?> Value(KeyValuePair<string, object?> field) =>
        field.Value is EventPart part ? new(field.Key, part.Value) : field;
}

/// <summary>One event that concerns the operator. Immutable.</summary>
/// <param name="At">When it was published, UTC.</param>
/// <param name="Level">Debug (steps of sessions that an operator wants to see), information, warning or error.</param>
/// <param name="Id">The stable number, and the name of the method in <see cref="Events"/>.</param>
/// <param name="Text">What a person reads. Parts of it come from outside: a sink escapes it as its format demands.</param>
/// <param name="Fields">The values in the text, by the names that they have in its template.</param>
internal sealed record OperationalEvent(DateTimeOffset At, LogLevel Level, EventId Id, string Text,
    ImmutableArray<KeyValuePair<string, object?>> Fields);

/// <summary>Takes the events of the operational log. Any thread; it must neither wait nor throw.</summary>
internal interface IEventSink
{
    void Take(OperationalEvent published);
}
