namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>The bounds of overrides. Constants, any thread.</summary>
public static class OverrideLimits
{
    /// <summary>Characters of a reason: a sentence and a ticket's number.</summary>
    public const int ReasonCharsMax = 256;

    /// <summary>Characters of an author: longer than a user's name may be (useradd(8): 32), and an address.</summary>
    public const int AuthorCharsMax = 128;

    /// <summary>The shortest time of an override that ends by itself.</summary>
    public static readonly TimeSpan ForMin = TimeSpan.FromSeconds(1);

    /// <summary>The longest: beyond that the configuration is the place.</summary>
    public static readonly TimeSpan ForMax = TimeSpan.FromDays(30);

    /// <summary>How often the store checks whether the system's clock was set, as long as an override has an expiry: timers do not
    /// notice.</summary>
    public static readonly TimeSpan ClockCheckInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the state directory is waited for: a process that was killed a moment ago has it until the kernel has taken it apart.
    /// </summary>
    public static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    /// <summary>How often the lock is tried meanwhile.</summary>
    public static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20);

    /// <summary>Bytes of the state file: some 400 for each upstream of the largest configuration.</summary>
    public const int FileBytesMax = 32 * 1024 * 1024;
}
