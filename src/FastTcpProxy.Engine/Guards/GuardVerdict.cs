namespace FastTcpProxy.Engine.Guards;

/// <summary>What the guard says of a client that was just accepted.</summary>
internal enum GuardVerdict : byte
{
    Allow,

    /// <summary>The process has all the sessions it may have.</summary>
    ProcessFull,

    /// <summary>The service has all the sessions it may have.</summary>
    ServiceFull,
}
