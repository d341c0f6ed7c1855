namespace FastTcpProxy.Control.Activation;

/// <summary>Why new clients get to an upstream, or do not.</summary>
public enum ServingReason : byte
{
    /// <summary>It serves: it is enabled, and health does not exclude it.</summary>
    Healthy,

    /// <summary>It serves although it is down: all that are enabled are, and <c>allDown</c> says to try them.</summary>
    TriedAlthoughDown,

    /// <summary>It does not: health has taken it out.</summary>
    Unhealthy,

    /// <summary>It does not: the configuration says <c>enabled: false</c>.</summary>
    DisabledByConfiguration,

    /// <summary>It does not: an operator has disabled it.</summary>
    DisabledByOperator,

    /// <summary>It does not: an operator lets it drain.</summary>
    Draining,

    /// <summary>It does not: its name has no address yet. Health has nothing against it.</summary>
    NoAddress,
}
