namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>What one source may have. The default value limits nothing. Immutable, any thread.</summary>
/// <param name="SessionsMax">Sessions at the same time; 0: no limit.</param>
/// <param name="Connections">Connections a second, and at once.</param>
/// <param name="Ban">What follows from refusals.</param>
/// <param name="FromClient">Bytes that its clients send, over all its sessions.</param>
/// <param name="ToClient">Bytes that its clients get.</param>
public readonly record struct SourceLimits(
    int SessionsMax, TokenRate Connections, BanTerms Ban, ByteRate FromClient = default, ByteRate ToClient = default);
