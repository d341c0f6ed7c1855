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
        OperationalEvent published = new(time.GetUtcNow(), logLevel, eventId, text,
            Fields(state as IReadOnlyList<KeyValuePair<string, object?>>));
        foreach (IEventSink sink in sinks) sink.Take(published);
    }

    /// <summary>By index: each kind of event has an enumerator of its own, which the start would have to compile.</summary>
    private static ImmutableArray<KeyValuePair<string, object?>> Fields(IReadOnlyList<KeyValuePair<string, object?>>? all)
    {
        List<KeyValuePair<string, object?>> fields = [];
        for (int i = 0; i < all?.Count; i++)
        {
            KeyValuePair<string, object?> field = all[i];
            if (field.Key == Template) continue;
            fields.Add(field.Value is EventPart part ? new(field.Key, part.Value) : field);
        }
        return [.. fields];
    }
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
