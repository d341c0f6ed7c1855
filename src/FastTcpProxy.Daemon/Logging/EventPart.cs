namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// A value whose text needs more than itself: a word in front that is left out with it, or quotes, so that no value can pass for another.
/// The field of the event is the value alone. Control characters are escaped by the log. Immutable, any thread.
/// </summary>
/// <param name="Value">Null: nothing is written.</param>
internal readonly record struct EventPart(string? Value)
{
    /// <summary>What comes before the value.</summary>
    public string Front { get; private init; } = "";

    private bool IsQuoted { get; init; }

    /// <summary>The value in quotes.</summary>
    public static EventPart Quote(string? value, string front = "") => new(value) { Front = front, IsQuoted = true };

    /// <summary>The value as it is, behind a word.</summary>
    public static EventPart Behind(string front, string? value) => new(value) { Front = front };

    public override string ToString() => (Value, IsQuoted) switch
    {
        (null, _) => "",
        (_, false) => Front + Value,
        _ => $"{Front}\"{Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
    };
}
