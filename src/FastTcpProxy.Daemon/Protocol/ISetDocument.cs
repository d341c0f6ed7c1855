namespace FastTcpProxy.Daemon.Protocol;

/// <summary>What all that operators set has in common. Immutable.</summary>
internal interface ISetDocument
{
    /// <summary>Who.</summary>
    string Author { get; }

    DateTime At { get; }
}
