using Ublk.Load;

return await CommandLine.RunAsync(args, Console.Out, Console.Error);
