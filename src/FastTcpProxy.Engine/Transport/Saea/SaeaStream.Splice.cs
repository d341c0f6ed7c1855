using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <content>Splicing. Inside the loop.</content>
internal sealed partial class SaeaStream
{
    public override IoResult SpliceTo(StreamPipe pipe, int bytesMax)
    {
        NeverBlock();
        return ((KernelPipe)pipe).FillFrom(_fd, bytesMax);
    }

    public override IoResult SpliceFrom(StreamPipe pipe)
    {
        NeverBlock();
        return ((KernelPipe)pipe).DrainTo(_fd);
    }

    /// <summary>
    /// An accepted socket blocks until the runtime has had an operation of it. It may have had none: there was always something to read.
    /// </summary>
    private void NeverBlock()
    {
        if (!_steered) NativePipe.SetNonBlocking(_fd);
    }
}
