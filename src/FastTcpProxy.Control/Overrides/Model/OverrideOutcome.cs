namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>What became of a change. Immutable.</summary>
/// <param name="Error">Why nothing was changed; <see cref="OverrideError.None"/> when it was.</param>
/// <param name="Detail">What is wrong and what was expected, for people; empty without an error.</param>
/// <param name="Tag">The entity tag of what holds now, opaque, without quotes; empty where there is no such upstream or service.</param>
public sealed record OverrideOutcome(OverrideError Error, string Detail, string Tag);

/// <summary>Why an override was not changed.</summary>
public enum OverrideError : byte
{
    /// <summary>It was.</summary>
    None,

    /// <summary>There is no service of this name.</summary>
    UnknownService,

    /// <summary>The service has no upstream of this name.</summary>
    UnknownUpstream,

    /// <summary>An order names an upstream twice.</summary>
    DuplicateName,

    /// <summary>The reason is too long, the time is outside of its bounds, or an order names nobody.</summary>
    OutOfRange,

    /// <summary>Somebody else has changed it since it was looked at.</summary>
    TagMismatch,

    /// <summary>It could not be written to the state directory, and so nothing was changed.</summary>
    NotStored,
}
