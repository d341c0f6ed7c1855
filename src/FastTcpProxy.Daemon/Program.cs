return FastTcpProxy.Daemon.Running.StandardDescriptors.TryMend() && FastTcpProxy.Daemon.Running.StartDescriptors.AreEnough()
    ? FastTcpProxy.Daemon.CommandLine.ProgramCommand.Run(args)
    : FastTcpProxy.Daemon.Running.ExitCodes.Failed;
