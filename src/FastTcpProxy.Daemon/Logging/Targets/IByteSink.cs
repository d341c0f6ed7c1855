namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// Where a log goes. Used by the one thread that writes the log, except where a member says otherwise.
/// </summary>
internal interface IByteSink : IDisposable
{
    /// <summary>For people: "standard output". Any thread.</summary>
    string Name { get; }

    /// <summary>Why it waits now, for people; null: it does not. Any thread.</summary>
    string? Obstacle => null;

    /// <summary>Whether <see cref="Reopen"/> does anything. Any thread.</summary>
    bool IsFile => false;

    /// <summary>Writes some of the bytes, waiting while the other side does not read.</summary>
    /// <returns>How many were written, at least one; or the negated error number (errno(3)). EMSGSIZE says that the first
    /// line alone cannot be written.</returns>
    int Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends a wait in <see cref="Write"/>, where that is possible, and every later one: another sink follows. What is taken
    /// without a wait is still written. Any thread.</summary>
    void Abandon()
    {
    }

    /// <summary>Opens what it writes to again, because it may have been moved away.</summary>
    ReopenOutcome Reopen() => new(null, null);
}

/// <summary>What became of a request to open the session log again. Immutable.</summary>
/// <param name="Path">The file; null: the log is no file.</param>
/// <param name="Error">Why it could not be opened, and the log continues with the file that it has; null: it was.</param>
internal sealed record ReopenOutcome(string? Path, string? Error);
