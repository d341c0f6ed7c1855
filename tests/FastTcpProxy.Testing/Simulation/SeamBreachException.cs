namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// The engine used the transport in a way that the seam's contract forbids. Thrown inside the loop, where it counts as a fault.
/// </summary>
public sealed class SeamBreachException : Exception
{
    public SeamBreachException()
    {
    }

    public SeamBreachException(string message)
        : base(message)
    {
    }

    public SeamBreachException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
