using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>What an operator does about an event, in whole sentences. Every warning and every error has it. Immutable.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AdviceAttribute(string text) : Attribute
{
    public string Text => text;
}

/// <summary>
/// The advice that stands at each event in <see cref="Events"/>, by its number: for terminals and for docs/events.md. Immutable, any
/// thread.
/// </summary>
internal static class EventAdvice
{
    private static readonly FrozenDictionary<int, string> All = Read();

    /// <summary>Null: the event needs nothing, or another version has it.</summary>
    public static string? Of(int id) => All.GetValueOrDefault(id);

    private static FrozenDictionary<int, string> Read() =>
        typeof(Events).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Where(method => method.GetCustomAttribute<AdviceAttribute>() is not null)
            .ToFrozenDictionary(method => method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId,
                method => method.GetCustomAttribute<AdviceAttribute>()!.Text);
}
