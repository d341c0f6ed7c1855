namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>The outcome of a change, or of a read. Immutable.</summary>
/// <param name="Error">Why nothing was changed; <see cref="OverrideError.None"/> when it was.</param>
/// <param name="Detail">What is wrong and what was expected, for people; empty without an error.</param>
/// <param name="Set">What holds now; null: nothing is set.</param>
public sealed record OverrideOutcome(OverrideError Error, string Detail, Override? Set)
{
    /// <summary>The entity tag of what holds now, opaque, without quotes.</summary>
    public string Tag => Set?.Tag ?? Override.NoTag;
}

/// <summary>Why an override was not changed.</summary>
public enum OverrideError : byte
{
    /// <summary>It was.</summary>
    None,

    /// <summary>There is no service or upstream of this name.</summary>
    NotFound,

    /// <summary>
    /// The reason is too long, the time is out of its bounds, or the order names no upstream, an unknown one, or one twice.
    /// </summary>
    Invalid,

    /// <summary>Another operator has changed it since it was read.</summary>
    TagMismatch,

    /// <summary>It could not be written to the state directory, and so nothing was changed.</summary>
    NotStored,
}
