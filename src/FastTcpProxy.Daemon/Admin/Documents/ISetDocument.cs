namespace FastTcpProxy.Daemon.Admin.Documents;

/// <summary>What all that operators set has in common. Immutable.</summary>
internal interface ISetDocument
{
    /// <summary>Who.</summary>
    string Author { get; }

    DateTime At { get; }
}
