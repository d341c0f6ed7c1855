namespace FastTcpProxy.Engine.Transport;

/// <summary>An address that cannot be listened on. Immutable.</summary>
/// <param name="Address">As <see cref="Transport.ListenAddress"/> writes it.</param>
/// <param name="Message">Names the service, the address, the cause, and what to do.</param>
public sealed record BindFailure(string Address, string Message);
