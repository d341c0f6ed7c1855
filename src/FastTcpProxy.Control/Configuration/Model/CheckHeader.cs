namespace FastTcpProxy.Control.Configuration;

/// <summary>One header field of a check's request. Immutable.</summary>
/// <param name="Name">A token of RFC 9110, section 5.6.2.</param>
/// <param name="Value">Visible ASCII, spaces and tabs; no spaces at the ends.</param>
public readonly record struct CheckHeader(string Name, string Value);
