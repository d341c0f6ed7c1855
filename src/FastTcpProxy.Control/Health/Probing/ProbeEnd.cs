namespace FastTcpProxy.Control.Health.Probing;

/// <summary>Why a connection of a probe was closed from this side while something still waited on it.</summary>
internal enum ProbeEnd : byte
{
    None,

    /// <summary>The probe's time is over.</summary>
    Timeout,

    /// <summary>The result is not wanted any more.</summary>
    Stopped,

    /// <summary>More came than a probe reads.</summary>
    TooLarge,
}
