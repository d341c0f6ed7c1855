namespace FastTcpProxy.Gate.Running;

/// <summary>
/// Something that has to be there for a verdict is not: a build, a tool, enough of the machine. The text says what, and what to do.
/// </summary>
public sealed class GateException(string message) : Exception(message);
