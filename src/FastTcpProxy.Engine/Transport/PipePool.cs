using System.Diagnostics;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// The pipes of one loop. A direction takes one for a move and gives it back empty, unless more is left in it than a buffer holds: then it
/// keeps the pipe until the target has room again. The last free pipe is never kept, because moves through it are no larger than what can
/// be read out; so slow targets make moves smaller for the others, and nothing else. Belongs to one loop; the transport owns the
/// descriptors.
/// </summary>
internal sealed class PipePool
{
    /// <summary>
    /// Pipes of a loop: three that slow targets can keep, with 1 MiB of the kernel's memory each, and one. They are there from the start,
    /// two descriptors each, so that they are counted before the first client and take none from a later one.
    /// </summary>
    public const int PipesMax = 4;

    private readonly Stack<StreamPipe> _free;
    private int _count;

    /// <param name="pipes">Empty ones; none where splicing is not available.</param>
    public PipePool(SpliceTerms terms, params ReadOnlySpan<StreamPipe> pipes)
    {
        Terms = terms;
        _count = pipes.Length;
        _free = new Stack<StreamPipe>(_count);
        foreach (StreamPipe pipe in pipes) _free.Push(pipe);
    }

    public SpliceTerms Terms { get; }

    /// <summary>Pipes that are out.</summary>
    public int Rented => _count - _free.Count;

    /// <summary>Pipes that can be taken.</summary>
    public int Free => _free.Count;

    /// <summary>Whether there is a pipe to take; else bytes are copied.</summary>
    public bool IsUsable => _free.TryPeek(out StreamPipe? pipe) && pipe.IsUsable;

    /// <summary>The most to put into the next pipe.</summary>
    public int MoveBytesMax => _free.Count > 1 ? Terms.MoveBytesMax : Terms.RestBytesMax;

    /// <summary>An empty pipe; only when <see cref="IsUsable"/>.</summary>
    public StreamPipe Take() => _free.Pop();

    /// <summary>Takes a pipe back. What is still in it is dropped.</summary>
    public void Return(StreamPipe pipe)
    {
        try
        {
            pipe.Clear();
        }
        catch
        {
            // Never again: what is still in it must not reach another session.
            _count--;
            throw;
        }
        _free.Push(pipe);
        Debug.Assert(_free.Count <= _count, "a pipe was returned twice");
    }
}
