namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// The codes of what <c>check --machine</c> finds. A code keeps its meaning for ever and is not reused. M0xx are errors, M1xx warnings or
/// notes, M2xx notes. Constants, any thread.
/// </summary>
internal static class MachineCodes
{
    /// <summary>An address of a service cannot be listened on.</summary>
    public const string CannotListen = "M001";

    /// <summary>An address of the administrative interface cannot be had.</summary>
    public const string NoAdmin = "M002";

    /// <summary>The state directory cannot be used.</summary>
    public const string NoState = "M003";

    /// <summary>The process may have too few descriptors to start.</summary>
    public const string TooFewDescriptors = "M004";

    /// <summary>The file of a UNIX socket cannot be given its group.</summary>
    public const string NotInGroup = "M005";

    /// <summary>The file of the session log cannot be written.</summary>
    public const string NoLog = "M040";

    /// <summary>A DNS name does not resolve now.</summary>
    public const string NameDoesNotResolve = "M101";

    /// <summary>There are fewer descriptors than sessions need.</summary>
    public const string FewDescriptors = "M102";

    /// <summary>There are fewer local ports than sessions to one upstream.</summary>
    public const string FewLocalPorts = "M103";

    /// <summary>The kernel cuts the queues of the listeners.</summary>
    public const string ShortAcceptQueue = "M104";

    /// <summary>IPv6 is off, and an address asks for it.</summary>
    public const string NoIpv6 = "M105";

    /// <summary>An address to connect from is not one of this machine.</summary>
    public const string NoSourceAddress = "M106";

    /// <summary>The certificate of the administrative interface has expired, or is not valid yet.</summary>
    public const string CertificateOutOfTime = "M107";

    /// <summary>There is no syslog socket now.</summary>
    public const string NoSyslog = "M140";

    /// <summary>The running proxy has what the file asks for.</summary>
    public const string HeldByTheProxy = "M201";

    /// <summary>As which user it was checked.</summary>
    public const string CheckedAs = "M202";
}
