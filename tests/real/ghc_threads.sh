# Haskell: threads of its runtime that compute, on three of the system's.
# limit: 300
set -e
cat > H.hs <<'H'
import Control.Concurrent
import Control.Monad
import Data.Bits
loop :: Int -> Int -> Int
loop 0 h = h
loop n h = loop (n - 1) ((h * 31 + n) `xor` (h `shiftR` 7))
main :: IO ()
main = do
  order <- newMVar []
  dones <- forM [1 .. 3] $ \k -> do
    d <- newEmptyMVar
    _ <- forkIO $ do
      forM_ [1 .. 3] $ \r -> do
        let v = loop 4000000 (k * r)
        v `seq` modifyMVar_ order (return . ((k, v) :))
      putMVar d ()
    return d
  mapM_ takeMVar dones
  readMVar order >>= print
H
ghc -v0 -O1 -threaded -rtsopts -o h H.hs
./h +RTS -N3
