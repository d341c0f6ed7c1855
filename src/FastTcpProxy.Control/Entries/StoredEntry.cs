using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Entries;

/// <summary>How an entry came here.</summary>
public enum EntryOrigin : byte
{
    /// <summary>By a user of this machine.</summary>
    Operator,

    /// <summary>By a program that showed the token.</summary>
    Api,

    /// <summary>With a list that was imported.</summary>
    File,

    /// <summary>By a rule.</summary>
    Rule,
}

/// <summary>What tells entries apart. A value, any thread.</summary>
/// <param name="Network">Whom it means.</param>
/// <param name="Action">What it says of them.</param>
/// <param name="Service">Of which service's clients; null: of all services'.</param>
public readonly record struct EntryKey(Network Network, NetworkAction Action, string? Service)
{
    /// <summary>As operators know it: "deny 192.0.2.0/24 (service mail)".</summary>
    public override string ToString() =>
        $"{(Action == NetworkAction.Deny ? "deny" : "allow")} {Network}{(Service is null ? "" : $" (service {Service})")}";
}

/// <summary>An entry that was made at run time. Immutable, any thread.</summary>
/// <param name="Key">What it says.</param>
/// <param name="Expires">When it ends by itself, by the wall clock; null: never.</param>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Origin">How it came here.</param>
/// <param name="Created">When it was first made.</param>
/// <param name="Revision">The number of the change that made it what it is; higher ones are later.</param>
public sealed record StoredEntry(EntryKey Key, DateTimeOffset? Expires, string Reason, string Author, EntryOrigin Origin,
    DateTimeOffset Created, long Revision)
{
    internal bool IsLive(DateTimeOffset now) => Expires is not { } end || end > now;
}
