using FastTcpProxy.Engine;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>
/// Every bound of the configuration, in one place. They are far above sensible values, and low enough that no file, however wrong, costs
/// noticeable time or memory. Constants, any thread.
/// </summary>
public static class ConfigurationLimits
{
    /// <summary>Services of a file.</summary>
    public const int ServicesMax = 1024;

    /// <summary>Addresses that one service listens on.</summary>
    public const int ListenMax = 64;

    /// <summary>Upstreams of one service: a client that finds all of them silent waits for each.</summary>
    public const int UpstreamsMax = 64;

    /// <summary>Networks of one <c>acceptProxy</c>; each accepted peer is compared with all of them.</summary>
    public const int NetworksMax = 256;

    /// <summary>Source addresses of one service.</summary>
    public const int SourceAddressesMax = 256;

    /// <summary>TLV types of <c>passTlvs</c>: a type is one byte, and two of the 256 are never passed on.</summary>
    public const int PassTlvsMax = 254;

    /// <summary>Characters of a service's or an upstream's name, so that it fits a log column and a metric label.</summary>
    public const int NameLengthMax = 64;

    /// <summary>Bytes of a UNIX socket's path: <c>sun_path</c> holds 108 with the terminating NUL (unix(7)).</summary>
    public const int SocketPathBytesMax = 107;

    /// <summary>
    /// Bytes of the path of the administrative interface's socket: <c>.take-over</c>, or a point and the number of a process (at most
    /// 4194304), is put behind it.
    /// </summary>
    public const int AdminSocketPathBytesMax = 96;

    /// <summary>TCP addresses of the administrative interface.</summary>
    public const int AdminListenMax = 8;

    /// <summary>Bytes of any other path: <c>PATH_MAX</c> is 4096 with the terminating NUL.</summary>
    public const int PathBytesMax = 4095;

    /// <summary>Characters of a DNS name (RFC 1035, section 2.3.4, as text without the final dot).</summary>
    public const int DnsNameLengthMax = 253;

    /// <summary>Socket threads.</summary>
    public const int ThreadsMax = EngineOptions.ThreadsMax;

    /// <summary>Sessions; each takes two descriptors, and Linux gives a process 1,048,576 unless <c>fs.nr_open</c> is raised.</summary>
    public const int SessionsMax = 1_000_000;

    /// <summary>
    /// Characters of a check's URL before templates are filled in: what servers take by default is 8 KiB for the whole line.
    /// </summary>
    public const int CheckUrlLengthMax = 2048;

    /// <summary>Characters of a check's method; the longest that is registered has 17 (UPDATEREDIRECTREF).</summary>
    public const int CheckMethodLengthMax = 32;

    /// <summary>Headers of a check.</summary>
    public const int CheckHeadersMax = 32;

    /// <summary>
    /// Characters of all names and values of a check's headers, before templates are filled in: what servers take by default.
    /// </summary>
    public const int CheckHeadersLengthMax = 8192;

    /// <summary>Bytes of a check's request body.</summary>
    public const int CheckBodyBytesMax = 16 * 1024;

    /// <summary>Bytes that a TCP check sends.</summary>
    public const int CheckSendBytesMax = 4 * 1024;

    /// <summary>Steps of a check's dialogue: a login of the usual protocols takes less than ten.</summary>
    public const int CheckStepsMax = 32;

    /// <summary>Bytes, or characters of an expression, that an answer is to hold.</summary>
    public const int PatternLengthMax = 1024;

    /// <summary>Entries of <c>failStatus</c>; there are no more than 500 codes.</summary>
    public const int FailStatusMax = 64;

    /// <summary>Good probes, and bad ones, that a check may ask for.</summary>
    public const int ProbesMax = 100;

    /// <summary>Second attempts in a second, and at once: more than a machine has connections in a second.</summary>
    public const int HedgesMax = 1_000_000;

    /// <summary>Networks of <c>allow</c> or <c>deny</c>: more are better kept in a file.</summary>
    public const int GuardNetworksMax = 4096;

    /// <summary>Files of networks; each of them may have a million.</summary>
    public const int GuardListsMax = 32;

    /// <summary>Connections in a unit of time, and at once: more than a machine has in a second.</summary>
    public const int RateMax = 1_000_000;

    /// <summary>Objects and lists inside one another. The deepest key of the format is at 8.</summary>
    public const int DepthMax = 16;

    /// <summary>
    /// Mistakes of the syntax after which the rest of a text is not read: it is no attempt at JSON, and each would only lead to others.
    /// </summary>
    public const int SyntaxFaultsMax = 32;

    /// <summary>Problems that are reported of one file; the rest is counted.</summary>
    public const int ProblemsMax = 100;

    /// <summary>The shortest duration that can be written: no time-out may be zero.</summary>
    public static readonly TimeSpan DurationMin = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest duration of any key: in milliseconds it fits 32 bits with room to add two.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(7);

    /// <summary>The longest time for one connect, one header or one probe, and between two probes.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    /// <summary>The shortest time from one check of an upstream to the next: a check costs both ends a connection.</summary>
    public static readonly TimeSpan CheckIntervalMin = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest time from one check of an upstream to the next.</summary>
    public static readonly TimeSpan CheckIntervalMax = TimeSpan.FromDays(1);

    /// <summary>
    /// How long one search of an answer with a regular expression may take. The time is linear in the answer and in the expression; both at
    /// their bounds would still keep a thread busy for seconds.
    /// </summary>
    public static readonly TimeSpan PatternTimeMax = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A client that may wait longer than this for its connect is worth a warning: ten seconds is what people and load balancers bear.
    /// </summary>
    public static readonly TimeSpan ConnectWaitWarned = TimeSpan.FromSeconds(10);
}
