namespace FastTcpProxy.Control.Entries;

/// <summary>An entry of a list that is imported. A value, any thread.</summary>
/// <param name="Key">What it says.</param>
/// <param name="Expires">When it ends; null: never.</param>
/// <param name="Reason">Why; empty when none is given.</param>
public readonly record struct EntryWish(EntryKey Key, DateTimeOffset? Expires, string Reason);
